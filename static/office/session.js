"use strict";
/* Warns before the session of an officer ends, and keeps it open when asked to. */
{
    const box = document.getElementById("session-warning");
    const form = box && box.querySelector("form");

    function arm() {
        const wait = (Number(box.dataset.idle) - Number(box.dataset.warning)) * 1000;
        window.setTimeout(() => {
            box.hidden = false;
        }, wait);
    }

    async function stay(event) {
        event.preventDefault();
        const answer = await fetch(box.dataset.keepAlive, { method: "POST", body: new FormData(form) });
        if (answer.redirected || !answer.ok) {
            window.location.reload();
            return;
        }
        box.hidden = true;
        arm();
    }

    if (box) {
        form.addEventListener("submit", stay);
        arm();
    }
}
