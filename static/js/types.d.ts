// Shapes that travel between server and page, and what the shell hands to a feature's module.
import type { Socket } from "socket.io-client";
import type { Outbox } from "./shell/outbox.js";
import type { Acts } from "./talk/acts.js";
import type { Composer } from "./talk/composer.js";
import type { Log } from "./talk/log.js";

export interface Message {
  id: string;
  conversation_id: string;
  number: number;
  kind: "text" | "note";
  body: string;
  at: string;
  sender_id: string | null;
  sender_name: string;
  initials: string;
  level: string;
  client_id: string | null;
  is_covered?: boolean;
  files?: MessageFile[];
  change: number;
  edited_at: string | null;
  taken_back_at: string | null;
  recalled_at?: string | null;
  reactions?: Reaction[];
  is_pinned?: boolean;
  own?: Own | null;
  reply_to?: Quote | null;
  mentions?: Named[];
  mentions_all?: boolean;
}

/** What a message quotes of another. */
export interface Quote {
  number: number;
  sender_name: string;
  body: string;
  is_gone: boolean;
  is_covered: boolean;
}

/** Somebody whom a message calls, under the name that stands in its text. */
export interface Named {
  account_id: string;
  name: string;
}

/** What is replied to while one writes; kept with the draft, so all of it is text. `quote`: what was selected. */
export interface Replied extends Record<string, string> {
  number: string;
  name: string;
  words: string;
  quote: string;
}

/** What something written carries beside its text. */
export interface Carried {
  reply?: Replied;
  mentions?: Named[];
  mentions_all?: boolean;
}

/** One emoji under a message; `names` are the first who have set it. */
export interface Reaction {
  emoji: string;
  count: number;
  names: string[];
}

/** What of a message only one person is told; null in what goes to everybody. */
export interface Own {
  reactions: string[];
  is_starred: boolean;
}

/** A conversation as its parts see it. */
export interface Talk {
  id: string;
  root: HTMLElement;
  shell: Shell;
  signal: AbortSignal;
  log: Log;
  acts: Acts;
  composer: Composer;
  hear: (name: string, handle: (payload: any) => void) => void;
}

/** A file of a message; `thumbnail` is empty until the picture is drawn small. */
export interface MessageFile {
  id: string;
  name: string;
  kind: string;
  size: string;
  state: string;
  url: string;
  thumbnail: string;
  width: number;
  height: number;
  is_picture: boolean;
  is_open: boolean;
}

/** A file on its way with a message: its id once it is stored, else how much of it has come over. */
export interface Bringing {
  file: File;
  id: string;
  share?: number;
  isCut?: boolean;
}

export interface Refusal {
  code: string;
  message: string;
  /** Seconds after which the same may be sent again. */
  retry_after?: number;
}

export interface Reply {
  ok: boolean;
  error?: Refusal;
}

export interface Page extends Reply {
  messages: Message[];
  last_number: number;
  more: boolean;
  changes: Message[];
  last_change: number;
  more_changes: boolean;
  marks?: Record<string, [number, number]>;
  may_write?: boolean;
  draft?: Draft;
}

/** What has changed in one's conversations since a cursor. */
export interface Inbox extends Reply {
  cursor: string;
  reload: boolean;
  conversations: { conversation_id: string; kind: string; unread: number; is_gone: boolean }[];
  with_unread: number;
}

/** Who is there, by account; null where nobody knows. */
export interface People extends Reply {
  people: Record<string, boolean | null>;
  in_call: string[];
}

/** What stands unsent in a box, as the server has it; `seconds` is its age. */
export interface Draft {
  conversation_id: string;
  body: string;
  reply_to: number | null;
  quote: string | null;
  version: number;
  seconds: number;
}

/** What came of a recall: whom the message had reached. */
export interface Recalled extends Reply {
  message?: Message;
  reached?: { account_id: string; name: string; unit: string; is_read: boolean; ways: string[] }[];
  has_incident?: boolean;
  url?: string;
}

export interface Sent extends Reply {
  message?: Message;
}

/** Something written that the server has not stored yet. */
export interface Entry {
  client_id: string;
  account_id: string;
  conversation_id: string;
  body: string;
  order: number;
  state: "waiting" | "refused";
  reason: string;
  files?: Bringing[];
  carried?: Carried;
}

export interface Line {
  socket: Socket;
  isUp: () => boolean;
  command: <T extends Reply>(name: string, payload: object) => Promise<T>;
  /** The same, sent again for as long as the server asks for that. */
  ask: <T extends Reply>(name: string, payload: object) => Promise<T>;
}

export interface Shell {
  accountId: string;
  line: Line;
  outbox: Outbox;
  visit: (url: string) => Promise<void>;
}

/** A feature's module: starts on the element that asked for it and gives back how to stop. */
export interface Feature {
  start: (root: HTMLElement, shell: Shell) => () => void;
}
