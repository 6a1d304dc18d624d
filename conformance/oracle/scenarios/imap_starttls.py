"""`imaplib` against a server that goes over to TLS on STARTTLS."""
import imaplib
import ssl

from observe import observe, observing, peers, trusting_context


def session(use):
    client = imaplib.IMAP4("localhost", peers["imap"], timeout=20)
    try:
        return use(client)
    finally:
        client.shutdown()


def mailbox(client):
    seen = [client.welcome, client.capabilities, client.starttls(trusting_context()), client.capabilities, client.sock.version()]
    seen += [client.login("user", "password"), client.select(), client.search(None, "ALL"), client.fetch("1", "(BODY[])"), client.state]
    return [*seen, client.logout()]


observe("STARTTLS and a mailbox", lambda: session(mailbox))
observe("twice", lambda: session(lambda client: [client.starttls(trusting_context()), client.starttls(trusting_context())]))
observe("a root that is not trusted", lambda: session(lambda client: client.starttls(ssl.create_default_context())))
observe("without a context", lambda: session(lambda client: [client.starttls(), client.sock.context.check_hostname]))


@observing("a login without TLS")
def _():
    def use(client):
        # Whether the refusal's text is bytes or not differs between releases of CPython 3.14.
        try:
            client.login("user", "password")
        except imaplib.IMAP4.error as error:
            return [type(error).__name__, "not without TLS" in str(error), client.state]

    return session(use)


observe("TLS from the beginning where there is none", lambda: imaplib.IMAP4_SSL("localhost", peers["imap"], ssl_context=trusting_context(), timeout=20))
