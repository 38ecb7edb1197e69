/* Two helpers above the questions about consent: they set the answers for all to see, and never send anything. */
"use strict";

(() => {
    const helpers = document.getElementById("join-helpers");
    if (!helpers) {
        return;
    }

    const answer = (item, value) => {
        const radio = item.querySelector(`input[type="radio"][value="${value}"]`);
        if (radio) {
            radio.checked = true;
        }
    };

    const answerAll = (forOptional) => {
        for (const item of document.querySelectorAll(".consent-item[data-required]")) {
            answer(item, item.dataset.required === "yes" ? "agree" : forOptional);
        }
    };

    helpers.querySelector("[data-answer-all]").addEventListener("click", () => answerAll("agree"));
    helpers.querySelector("[data-answer-required]").addEventListener("click", () => answerAll("disagree"));
    helpers.hidden = false;
})();
