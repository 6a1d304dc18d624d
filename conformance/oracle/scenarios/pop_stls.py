"""`poplib` against a server that goes over to TLS on STLS."""
import poplib
import ssl

from observe import observe, observing, peers, trusting_context


def session(use):
    client = poplib.POP3("localhost", peers["pop3"], timeout=20)
    try:
        return use(client)
    finally:
        client.close()


def mailbox(client):
    seen = [client.getwelcome(), client.capa(), client.stls(trusting_context()), client.sock.version(), client.capa()]
    return [*seen, client.user("user"), client.pass_("password"), client.stat(), client.list(), client.retr(1), client.quit()]


observe("STLS and a mailbox", lambda: session(mailbox))
observe("twice", lambda: session(lambda client: [client.stls(trusting_context()), client.stls(trusting_context())]))
observe("a root that is not trusted", lambda: session(lambda client: client.stls(ssl.create_default_context())))
observe("a login without TLS", lambda: session(lambda client: client.user("user")))
observe("TLS from the beginning where there is none", lambda: poplib.POP3_SSL("localhost", peers["pop3"], context=trusting_context(), timeout=20))
