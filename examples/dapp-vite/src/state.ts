/** What there is to show, as a value. */
import type { ErrorReport, LightClientEvents, Participation, Status, VerifiedHeader } from "sidelight";

/** Slots that the pulse shows. */
export const PULSE_SLOTS = 64;

export interface Beat {
  readonly slot: number;
  readonly rate: number;
}

export interface State {
  readonly head: VerifiedHeader | null;
  readonly finalized: VerifiedHeader | null;
  readonly participation: Participation | null;
  /** Newest last. */
  readonly pulse: readonly Beat[];
  readonly status: Status;
  /** What went wrong last, while the client goes on. */
  readonly trouble: ErrorReport | null;
}

export const INITIAL: State = {
  head: null,
  finalized: null,
  participation: null,
  pulse: [],
  status: { state: "idle" },
  trouble: null,
};

type Reducers = { [K in keyof LightClientEvents]?: (state: State, payload: LightClientEvents[K]) => State };

export const REDUCERS = {
  // a head that moves on ends whatever the trouble was
  head: (state, head) => ({ ...state, head, trouble: null }),
  finality: (state, finalized) => ({ ...state, finalized }),
  // what is heard while catching up is a signature for each of the past periods: no pulse
  participation: (state, participation) => ({
    ...state,
    participation,
    pulse: state.status.state === "following" ? beatsAfter(state.pulse, participation) : state.pulse,
  }),
  status: (state, status) => ({ ...state, status }),
  error: (state, trouble) => ({ ...state, trouble }),
} satisfies Reducers;

/** One for each slot: the same block is told again when more have signed it. */
function beatsAfter(pulse: readonly Beat[], { slot, rate }: Participation): readonly Beat[] {
  const others = pulse.filter((beat) => beat.slot !== slot && beat.slot > slot - PULSE_SLOTS);
  return [...others, { slot, rate }];
}
