"""Mails for tests, as people's clients write them."""

from email.message import EmailMessage
from itertools import count

_numbers = count(1)


def mail(
    sender="Ann Archer <ann@customer.example>",
    to="support@support.example.com",
    subject="My kettle is broken",
    text="Hello,\n\nthe kettle I bought is broken and leaks.\n\nAnn\n",
    *,
    html=None,
    headers=None,
    attachments=(),
):
    """A plain mail. `attachments`: (file name, content type, bytes); `headers`: more of them."""
    message = EmailMessage()
    if sender:
        message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = "Sun, 22 Nov 2026 10:00:00 +0000"
    message["Message-ID"] = f"<{next(_numbers)}.test@mail.customer.example>"
    for name, value in (headers or {}).items():
        del message[name]
        message[name] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for filename, kind, octets in attachments:
        main, _, sub = kind.partition("/")
        message.add_attachment(octets, maintype=main, subtype=sub, filename=filename)
    return message.as_bytes()


def reply_to(original, text, sender="Ann Archer <ann@customer.example>", **more):
    """An answer to a delivered mail (bytes), threaded as clients do it."""
    from email import message_from_bytes, policy

    seen = message_from_bytes(original, policy=policy.default)
    references = f"{seen.get('References', '')} {seen['Message-ID']}".split()
    headers = {"In-Reply-To": seen["Message-ID"], "References": " ".join(references)}
    headers |= more.pop("headers", {})
    subject = seen["Subject"]
    return mail(
        sender,
        seen["Reply-To"] or seen["From"],
        subject if subject.lower().startswith("re:") else f"Re: {subject}",
        text,
        headers=headers,
        **more,
    )


def answers(s):
    """What agents sent: all that went out but the mails that the channel writes by itself."""
    return [one for one in s.sent() if b"\nAuto-Submitted:" not in one["raw"]]
