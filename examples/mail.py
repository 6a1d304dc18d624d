"""Mail: sent by SMTP with STARTTLS, awaited and read by IMAP over TLS, and read again by IMAP with STARTTLS."""

import imaplib
import os
import smtplib
import ssl
from email import message_from_bytes, policy
from email.message import EmailMessage

server, password = os.environ["SERVER"], os.environ["PASSWORD"]
context = ssl.create_default_context()

message = EmailMessage()
message["From"] = message["To"] = "python@localhost"
message["Subject"] = "Grüße aus dem Browser"
message.set_content("It came by TLS.")

with imaplib.IMAP4_SSL(server, int(os.environ["IMAPS_PORT"]), ssl_context=context) as imap:
    imap.login("python", password)
    imap.select()

    with smtplib.SMTP(server, int(os.environ["SMTP_PORT"])) as smtp:
        smtp.starttls(context=context)
        smtp.login("python", password)
        smtp.send_message(message)
    print("sent")

    with imap.idle(duration=60) as events:  # the server tells when there is something new
        print(next(event for event in events if event[0] == "EXISTS"))

    _, [(_, raw), *_] = imap.fetch("1", "(RFC822)")
    received = message_from_bytes(raw, policy=policy.default)
    print("received:", received["Subject"], "/", received.get_content().strip())

with imaplib.IMAP4(server, int(os.environ["IMAP_PORT"])) as imap:
    imap.starttls(ssl_context=context)
    imap.login("python", password)
    imap.select()
    print("searched:", imap.search(None, "SUBJECT", "Browser"))
    imap.store("1", "+FLAGS", r"\Deleted")
    imap.expunge()
