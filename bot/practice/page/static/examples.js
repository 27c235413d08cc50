// Examples for the two long forms of the first run, so that a newcomer may look before typing.

import { nowSeconds, shown } from "./link.js";
import { isoDay } from "./times.js";

const EXAMPLES = {
  "case.flag": () => ({
    urgency: "urgent", age_band: "14_to_15", legal_status: "child_in_need", themes: ["county_lines", "missing"], risk_level: "ceraf:high",
    assessed_on: isoDay(nowSeconds() - 3 * 86400),
    judgement: "Found twice at one address far from home, with a new phone. Afraid, and will not say who of.",
    asked_of_panel: "Agree who speaks with the child, and what is done about the address.",
    missing_episodes: "5", interviews_offered: "4", interviews_within_72h: "2",
  }),
  "meeting.record": () => ({
    kind: "retain", review: "next meeting",
    rationale: "Risk is high and the work has only begun; the child is to be heard before the next meeting.",
  }),
};

// Only while the guide is at the step of that form.
export function example(callbackId) {
  const step = shown.guide.find((one) => !one.done && !one.missed);
  return step?.example === callbackId ? EXAMPLES[callbackId]?.() : null;
}
