// Small comforts on top of pages that work without them. No inline code, no framework.
import "./bi/plugins/collapse.js";
import { lookAgain } from "./again.js";
import { followConditions } from "./conditions.js";
import { countDown } from "./countdown.js";
import { followFigures } from "./figures.js";
import { arrange } from "./arrange.js";
import { countCharacters } from "./counter.js";
import { guardForms } from "./guard.js";
import { growRows } from "./rows.js";

document.documentElement.classList.add("js");
document.querySelectorAll("[data-left-for]").forEach(countCharacters);
document.querySelectorAll("[data-countdown]").forEach(countDown);
document.querySelectorAll("form[data-guard]").forEach(guardForms);
document.querySelectorAll("[data-figures]").forEach(followFigures);
document.querySelectorAll("[data-arrange]").forEach(arrange);
document.querySelectorAll("[data-rows]").forEach(growRows);
document.querySelectorAll("form:has([data-when])").forEach(followConditions);
document.querySelectorAll("[data-again]").forEach(lookAgain);
document.querySelector("[data-autofocus]")?.focus();
