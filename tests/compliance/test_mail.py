"""Messages on the wire: what a recipient reads, and what nobody can smuggle into them."""

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance import mail
from compliance.mail import BadAddress, Letterhead, checked_address, compose, plain_name
from compliance.mail_relay import Breaker, Outcome, Relay
from tests.tools.ports import free_port
from tests.tools.smtp_sink import Faults

SENT_AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
HEAD = Letterhead("MIKMIK", "cs@mikmik.co.kr", "<policy-notices.mikmik.example.org>")
CONTROLS = [
    "\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\x00", "\t\r\n ",
]  # fmt: skip
CODE = {
    "service": "MIKMIK",
    "officer_email": "cs@mikmik.co.kr",
    "officer_phone": "",
    "code": "123456",
    "minutes": 10,
    "for_order": False,
}


@pytest.fixture
def forms(tmp_path, settings):
    """An event of our own whose text greets a person by name."""
    folder = tmp_path / "emails" / "greeting"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("News\r\nBcc: evil@example.org\n{{ name }}")
    (folder / "body.txt").write_text("Hello {{ name }} & co,\n.\n.dot line\n" + "long " * 300)
    (folder / "body.html").write_text("<p>Hello {{ name }} {{ note }}</p>" + "<i>lang</i> " * 200)
    settings.TEMPLATES = [
        {**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}
    ]
    return lambda **more: compose(
        "greeting", language="ko", context={"note": "<b>", **more}, letterhead=HEAD, blanks=["name"]
    )


def filled(form, name="김민지", to="minji@mail.example"):
    raw = form.fill(to=to, message_id="<a1@example.org>", sent_at=SENT_AT, blanks={"name": name})
    return raw, message_from_bytes(raw, policy=policy.default)


def part(message, subtype):
    return message.get_body(preferencelist=(subtype,)).get_content()


def test_the_headers_are_those_of_a_service_mail_that_nobody_can_unsubscribe_from(settings):
    form = compose(
        "sign_in_code", language="en", context=CODE, letterhead=replace(HEAD, list_id="")
    )
    _, message = filled(form)
    assert message["From"] == f"MIKMIK Privacy <privacy@{settings.MAIL_DOMAIN}>"
    assert message["Reply-To"] == "cs@mikmik.co.kr"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert message["Content-Language"] == "en"
    assert message["Message-ID"] == "<a1@example.org>"
    assert message["Date"] == "Mon, 23 Nov 2026 03:00:00 +0000"
    assert message["List-Unsubscribe"] is None and message["List-Id"] is None
    assert message["Subject"] == "Your code for MIKMIK"
    assert "123456" in part(message, "plain") and "123456" in part(message, "html")


def test_a_campaign_names_its_list(forms):
    _, message = filled(forms())
    assert message["List-Id"] == HEAD.list_id


def test_a_subject_takes_neither_a_second_line_nor_a_name(forms):
    _, message = filled(forms())
    assert message["Subject"] == "News Bcc: evil@example.org"
    assert message["Bcc"] is None


def test_a_name_is_plain_in_the_text_and_escaped_in_the_html(forms):
    _, message = filled(forms(), name='<script>"&')
    assert 'Hello <script>"& & co,' in part(message, "plain")
    assert "Hello &lt;script&gt;&quot;&amp; &lt;b&gt;" in part(message, "html")


def test_no_line_is_longer_than_the_wire_allows_and_all_end_in_crlf(forms):
    raw, _ = filled(forms(), name="\"'<>&" * 40)
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("control", CONTROLS, ids=repr)
def test_no_control_character_of_a_name_opens_a_header_or_a_line(forms, control):
    raw, message = filled(forms(), name=f"Kim{control}Bcc: evil@example.org{control}{control}x")
    assert message["Bcc"] is None
    assert not message.defects
    assert "Bcc: evil@example.org" in part(message, "plain").splitlines()[0]
    assert sorted(message.keys()) == sorted(filled(forms())[1].keys())
    assert b"\n" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("control", [*CONTROLS, " ", "\t", "<", ">", ",", ";", "\x7f"], ids=repr)
@pytest.mark.parametrize(
    "shape", ["a{}b@c.kr", "a@c{}d.kr", "{}a@c.kr", "a@c.kr{}", "a@c.kr{}Bcc: x@y.kr"]
)
def test_an_address_with_anything_but_an_address_in_it_is_refused(shape, control):
    with pytest.raises(BadAddress) as refused:
        checked_address(shape.format(control))
    assert "c.kr" not in str(refused.value)


@pytest.mark.parametrize(
    "raw", ["", "a", "@b.kr", "a@", "a@b", "a@-b.kr", "a..b@c.kr", ".a@c.kr", "a@c..kr", "a@b@c.kr", '"a b"@c.kr',
            "é@c.kr", "a@[127.0.0.1]", "x" * 65 + "@c.kr", "a@" + "b." * 130 + "kr", None, 5]
)  # fmt: skip
def test_what_is_no_address_is_refused(raw):
    with pytest.raises(BadAddress):
        checked_address(raw)


@pytest.mark.parametrize(
    ("raw", "address"),
    [
        ("a@b.kr", "a@b.kr"),
        ("o'neil+x@sub.b-c.kr", "o'neil+x@sub.b-c.kr"),
        ("kim@예.kr", "kim@xn--2j5b.kr"),
    ],
)
def test_an_address_is_taken_as_it_is_but_for_an_international_domain(raw, address):
    assert checked_address(raw) == address


@given(st.text(max_size=400))
def test_a_plain_name_is_one_short_printable_line(raw):
    name = plain_name(raw)
    assert len(name) <= mail.MAX_BLANK
    assert len(name.splitlines()) <= 1
    assert not any(unicodedata.category(character) in mail.UNWANTED for character in name)


@pytest.mark.parametrize("language", ["en", "ko", "id"])
def test_text_and_html_say_the_same_in_every_language(language):
    form = compose("sign_in_code", language=language, context=CODE, letterhead=HEAD)
    _, message = filled(form)
    html = part(message, "html")
    assert f'<html lang="{language}">' in html
    assert "<img" not in html and "http" not in html
    for line in filter(None, (line.strip("- ") for line in part(message, "plain").splitlines())):
        assert line in " ".join(html.split()) or "@" in line


class TestRelay:
    CONTENT = b"Subject: x\r\n\r\n.one\r\n..two\r\nend\r\n"

    def send(self, relay, to="a@b.kr"):
        return relay.send("bounce+1@example.org", to, self.CONTENT)

    def test_one_connection_carries_many_messages_and_dots_survive(self, smtp_sink):
        relay = Relay()
        assert {self.send(relay).outcome for _ in range(3)} == {Outcome.ACCEPTED}
        assert [one.content for one in smtp_sink.accepted()] == [self.CONTENT] * 3
        relay.close()

    @pytest.mark.parametrize(
        ("stage", "code", "outcome"),
        [
            ("rcpt", 450, Outcome.TEMPORARY), ("rcpt", 550, Outcome.PERMANENT), ("dot", 451, Outcome.TEMPORARY),
            ("dot", 554, Outcome.PERMANENT), ("data", 451, Outcome.TEMPORARY), ("data", 554, Outcome.PERMANENT),
            ("mail", 450, Outcome.TEMPORARY), ("mail", 550, Outcome.TEMPORARY), ("rcpt", 421, Outcome.TEMPORARY),
        ],
    )  # fmt: skip
    def test_an_answer_is_classed_by_code_and_stage_and_the_next_message_goes(
        self, smtp_sink, stage, code, outcome
    ):
        relay = Relay()
        smtp_sink.break_with(Faults(replies={f"{stage}:{code}": 1.0}))
        reply = self.send(relay)
        assert (reply.outcome, reply.code, reply.stage) == (outcome, code, stage)
        assert reply.about_relay == (stage == "mail" and code == 550)
        smtp_sink.break_with(Faults())
        assert self.send(relay).outcome is Outcome.ACCEPTED
        relay.close()

    def test_a_line_lost_after_data_is_in_doubt(self, smtp_sink):
        relay = Relay()
        smtp_sink.break_with(Faults(lost_after_data=1.0))
        assert self.send(relay).outcome is Outcome.IN_DOUBT
        smtp_sink.break_with(Faults())
        assert self.send(relay).outcome is Outcome.ACCEPTED
        relay.close()

    @pytest.mark.parametrize("stage", ["banner", "ehlo", "mail", "rcpt", "data", "dot"])
    def test_a_server_that_stalls_anywhere_costs_one_timeout(self, smtp_sink, settings, stage):
        settings.EMAIL_TIMEOUT = 0.3
        smtp_sink.break_with(Faults(stall_at=stage))
        reply = self.send(Relay())
        assert reply.outcome is (Outcome.IN_DOUBT if stage == "dot" else Outcome.TEMPORARY)
        assert reply.about_relay == (stage in ("banner", "ehlo", "mail"))

    def test_nobody_listening_is_trouble_of_the_relay(self, settings):
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
        reply = self.send(Relay())
        assert reply.about_relay
        assert reply.reason == "smtp.0.connect"

    def test_a_held_line_that_the_server_closed_is_replaced_unnoticed(self, smtp_sink):
        relay = Relay()
        self.send(relay)
        smtp_sink.break_with(Faults(replies={"mail:421": 1.0}))
        assert self.send(relay).code == 421
        smtp_sink.break_with(Faults())
        assert self.send(relay).outcome is Outcome.ACCEPTED
        relay.close()


def test_the_breaker_opens_after_five_failures_and_probes_every_thirty_seconds():
    breaker = Breaker()
    for second in range(5):
        assert breaker.allows(second)
        breaker.failed(second)
    assert not breaker.allows(33.9)
    assert breaker.allows(34)
    breaker.failed(34)
    assert not breaker.allows(63)
    breaker.succeeded()
    assert breaker.allows(63)


def test_a_subject_that_takes_several_encoded_words_keeps_its_spaces():
    name = "가 나 다 라 마 바 사 아 자 차 카 타 파 하 거 너 더 러 머 버 서 어 저 처 커 터 퍼 허"
    context = {**CODE, "service": name}
    _, message = filled(compose("sign_in_code", language="ko", context=context, letterhead=HEAD))
    assert name in message["Subject"]
