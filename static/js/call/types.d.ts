// Calls as they travel between server and pages (docs/protocol.md, Calls).
import type { Reply } from "../types";

export interface Caller {
  account_id: string;
  name: string;
  state: "ringing" | "joined" | "declined" | "missed" | "busy" | "left";
  device: string | null;
}

export interface Call {
  call_id: string;
  conversation_id: string;
  kind: "voice" | "video";
  state: "ringing" | "running" | "ended";
  outcome: "answered" | "declined" | "missed" | "busy" | "left" | "failed" | null;
  started_by: string;
  seconds: number;
  people: Caller[];
}

export interface Joined extends Reply {
  call: Call;
  ice_servers: RTCIceServer[];
}

export interface Calls extends Reply {
  calls: Call[];
}

/** Of whom one may choose up to `most` to call. */
export interface Choices extends Reply {
  people: { account_id: string; name: string; is_busy: boolean }[];
  most: number;
}

/** What one page tells another; the house passes it on as text. */
export interface Signal {
  description?: RTCSessionDescriptionInit | null;
  candidate?: RTCIceCandidateInit | null;
  status?: Status;
  /** From the side that does not offer: look for a way anew. */
  restart?: boolean;
}

/** What somebody sends at this moment. */
export interface Status {
  audio: boolean;
  video: boolean;
  screen: boolean;
}

export interface SignalPacket {
  call_id: string;
  from: string;
  device: string;
  data: string;
}
