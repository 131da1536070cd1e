// Rules for the scripts; what a rule costs in readability it has to be worth.
import js from "@eslint/js";
import globals from "globals";

const shape = {
  "max-lines": ["error", { max: 400 }],
  "max-lines-per-function": ["error", { max: 50, skipComments: true }],
  "max-params": ["error", 6],
  complexity: ["error", 12],
};

const care = {
  curly: ["error", "multi-line"],
  eqeqeq: "error",
  "no-alert": "error",
  "no-console": "error",
  "no-else-return": "error",
  "no-implicit-globals": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-template": "error",
};

export default [
  { ignores: ["static/dist/"] },
  js.configs.recommended,
  {
    files: ["static/js/**/*.js"],
    languageOptions: { globals: globals.browser },
    rules: { ...shape, ...care },
  },
  {
    files: ["static/build/**/*.js", "eslint.config.js"],
    languageOptions: { globals: globals.node },
    // The build prints what it made; that is its whole purpose.
    rules: { ...shape, ...care, "no-console": "off" },
  },
];
