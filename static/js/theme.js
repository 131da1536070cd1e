// Runs before the first paint: light, dark or as the system says.
const dark = matchMedia("(prefers-color-scheme: dark)");

/** Sets the theme that the person chose on this device. */
function applyTheme() {
  let choice = "auto";
  try {
    choice = localStorage.getItem("theme") ?? "auto";
  } catch {
    // Storage may be forbidden; the system's setting is good enough then.
  }
  const isDark = choice === "dark" || (choice !== "light" && dark.matches);
  document.documentElement.setAttribute("data-bs-theme", isDark ? "dark" : "light");
}

applyTheme();
dark.addEventListener("change", applyTheme);
