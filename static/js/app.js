// The one module of every page: the frame, the live line, the outbox; features are loaded where a page asks for them.
import htmx from "htmx.org";

import { installCalm } from "./shell/calm.js";
import { restoreDrafts, watchDrafts } from "./shell/drafts.js";
import { startFeatures } from "./shell/features.js";
import { openLine, watchLine, watchNews } from "./shell/line.js";
import { watchEnter, watchMenus, watchNotifyButton, watchPrint, watchSignIn, watchTheme } from "./shell/menus.js";
import { watchMoments } from "./shell/moments.js";
import { watchNotices } from "./shell/notices.js";
import { watchOffers } from "./shell/offers.js";
import { newId, Outbox } from "./shell/outbox.js";
import { installPages, takeFocus, visit } from "./shell/pages.js";
import { watchStatus } from "./shell/status.js";
import { watchTalks } from "./shell/talks.js";

/** Gives every form that may be sent twice its own id. */
function fillClientIds() {
  for (const field of document.querySelectorAll('input[name="client_id"]')) {
    if (field instanceof HTMLInputElement) field.value ||= newId();
  }
}

/** Starts what every page has, signed in or not. */
function startFrame() {
  watchTheme();
  watchMenus();
  watchNotices();
  watchMoments();
  watchEnter();
  watchSignIn();
  watchPrint();
  takeFocus(document);
}

/** Starts what only a signed-in person has. */
function startShell() {
  const line = openLine();
  const accountId = document.body.dataset.accountId ?? "";
  /** @type {import("./types").Shell} */
  const shell = { accountId, line, outbox: new Outbox(accountId, line), visit: (url) => visit(url, shell) };
  installCalm();
  installPages(shell);
  watchLine(line);
  watchNews(line);
  watchTalks(shell);
  watchOffers();
  watchStatus();
  watchDrafts();
  watchNotifyButton();
  fillClientIds();
  startFeatures(document, shell);
  htmx.onLoad((element) => {
    restoreDrafts(/** @type {Element} */ (element));
    fillClientIds();
  });
}

// Its own style element would be refused by the content security policy, also on pages without htmx's settings.
htmx.config.includeIndicatorStyles = false;
startFrame();
if (document.body.dataset.signedIn === "true") startShell();
