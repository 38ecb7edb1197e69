"""The mailbox of the demo keeps every mail and shows it without letting it do anything."""

import smtplib
from email.message import EmailMessage

import pytest
from django.urls import include, path

from compliance.demo import environment, mailbox
from compliance.urls import urlpatterns as house

urlpatterns = [*house, path("demo/", include("compliance.demo.urls"))]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def folder(tmp_path, settings):
    settings.MAIL_BOX_DIR = tmp_path
    return tmp_path


@pytest.fixture
def send(folder):
    server = mailbox.controller(folder, host=environment.HOST, port=environment.free_port())
    server.start()

    def deliver(
        to: str, subject: str = "Notice", html: str = "<p>Hello</p><script>alert(1)</script>"
    ):
        message = EmailMessage()
        message["To"], message["From"], message["Subject"] = to, "office@example.com", subject
        message.set_content("Your code is <b>123456</b>, see http://127.0.0.1/en/")
        if html:
            message.add_alternative(html, subtype="html")
        with smtplib.SMTP(environment.HOST, server.port) as line:
            line.send_message(message)

    yield deliver
    server.stop()


def test_messages_are_listed_newest_first_and_found_by_recipient(client, send):
    send("kim@example.com", "First")
    send("budi@example.com", "Second")
    page = client.get("/demo/mail/").content.decode()
    assert page.index("Second") < page.index("First")
    narrowed = client.get("/demo/mail/", {"to": "KIM@"}).content.decode()
    assert "First" in narrowed
    assert "Second" not in narrowed


def test_the_text_is_shown_escaped_with_links(client, send, folder):
    send("kim@example.com")
    (file,) = folder.glob("*.eml")
    page = client.get(f"/demo/mail/{file.name}").content.decode()
    assert "&lt;b&gt;123456&lt;/b&gt;" in page
    assert 'href="http://127.0.0.1/en/"' in page


def test_the_html_part_is_locked_into_a_sandbox_of_its_own(client, send, folder):
    send("kim@example.com")
    (file,) = folder.glob("*.eml")
    answer = client.get(f"/demo/mail/{file.name}/html")
    rules = answer.headers["Content-Security-Policy"]
    assert rules.startswith("sandbox")
    assert "allow-scripts" not in rules
    assert "default-src 'none'" in rules


def test_an_empty_mailbox_says_what_would_fill_it(client, folder):
    assert "There is no message here yet" in client.get("/demo/mail/").content.decode()


@pytest.mark.parametrize(
    "name",
    ["..%2Fsecrets%2Fsecret_key", "nothing.eml", "..", "%2Fetc%2Fpasswd", "a" * 300 + ".eml"],
)
def test_nothing_but_a_message_can_be_read(client, folder, name):
    (folder.parent / "secret.eml").write_text("Subject: secret\n\n")
    assert client.get(f"/demo/mail/{name}").status_code == 404
    assert client.get("/demo/mail/..%2Fsecret.eml").status_code == 404


def test_a_hostile_recipient_cannot_name_a_file_elsewhere(folder, send):
    send('"../../x/y"@example.com')
    (file,) = folder.glob("*.eml")
    assert "/" not in file.name
