/* Shows the running notices of a privacy policy on a page of the company's own site: docs/embedding.md.
   Reads one public feed, sets no cookie, sends nothing about the visitor, loads nothing else. */
(function () {
    "use strict";

    const LANGUAGES = ["en", "ko", "id"];
    const script = document.currentScript;
    if (!script || !script.dataset.service) {
        return;
    }
    const wanted = (script.dataset.language || document.documentElement.lang || "").toLowerCase();
    const language = LANGUAGES.find((one) => wanted.split("-")[0] === one) || LANGUAGES[0];
    const service = encodeURIComponent(script.dataset.service);
    const feed = new URL(`../${language}/${service}/notices/feed.json`, script.src);
    const isPlain = script.dataset.look === "plain";

    function look(element, properties) {
        if (!isPlain) {
            Object.assign(element.style, properties);
        }
        return element;
    }

    function paragraph(item) {
        const line = look(document.createElement("p"), { margin: "0.25rem 0" });
        const link = look(document.createElement("a"), { color: "#0b5a56" });
        link.href = item.url;
        link.textContent = item._privacy_notice.link_text;
        line.append(`${item.title}. `, link);
        return line;
    }

    function box(title, items) {
        const found = look(document.createElement("section"), {
            padding: "0.75rem 1rem",
            border: "1px solid #1c4f91",
            borderInlineStartWidth: "0.375rem",
            background: "#e6effa",
            color: "#1b2430",
        });
        found.className = "privacy-notice";
        found.lang = language;
        found.setAttribute("aria-label", title);
        found.append(...items.map(paragraph));
        return found;
    }

    function show(answer) {
        const running = answer.items.filter((item) => item._privacy_notice.on_first_page);
        const target = script.dataset.target && document.querySelector(script.dataset.target);
        if (running.length && target) {
            target.replaceChildren(box(answer.title, running));
        } else if (running.length) {
            document.body.prepend(box(answer.title, running));
        } else if (target) {
            target.replaceChildren();
        }
    }

    function whenReady(step) {
        if (document.readyState === "loading") {
            document.addEventListener("DOMContentLoaded", step);
        } else {
            step();
        }
    }

    fetch(feed, { credentials: "omit", mode: "cors" })
        .then((response) => (response.ok ? response.json() : Promise.reject(response.status)))
        .then((answer) => whenReady(() => show(answer)))
        .catch(() => undefined); // The link that stands in the target stays.
})();
