"""Sessions between two ends in one program: who remembers what, and what both sides say of it."""
import ssl

from ends import TLS12, Memory, client_context, raised, server_context
from observe import observe, observing


def resumed(client_attributes=(), server_attributes=(), tickets=True):
    client, server = client_context(**dict(client_attributes)), server_context(**dict(server_attributes))
    if not tickets:
        server.options |= ssl.OP_NO_TICKET
    first = Memory(client, server).handshake().settle()
    session = first.client.session
    second = Memory(client, server, session=session).handshake().settle()
    third = Memory(client, server).handshake().settle()
    return {
        "reused": [pair_end.session_reused for pair in (first, second, third) for pair_end in (pair.client, pair.server)],
        "ticket": session.has_ticket,
        "timeout": session.timeout,
        "hint": session.ticket_lifetime_hint,
        "id": len(session.id),
        "kept": second.client.session == session,
        "other": third.client.session == session,
        "client": client.session_stats(),
        "server": server.session_stats(),
        "subject": second.client.getpeercert()["subject"][-1],
    }


observe("TLS 1.2, tickets", lambda: resumed(TLS12))
observe("TLS 1.2, the server's cache", lambda: resumed(TLS12, tickets=False))
observe("TLS 1.3", lambda: resumed())
observe("TLS 1.3, stateful tickets", lambda: resumed(tickets=False))
observe("TLS 1.3, one ticket", lambda: resumed((), {"num_tickets": 1}))


@observing("without tickets of TLS 1.3")
def _():
    client, server = client_context(), server_context(num_tickets=0)
    pair = Memory(client, server).handshake().settle()
    session = pair.client.session
    again = Memory(client, server, session=session).handshake()
    return [session.has_ticket, again.client.session_reused, again.server.session_reused]


@observing("the session of TLS 1.3 before and after the tickets")
def _():
    pair = Memory().handshake()
    before = pair.client.session
    pair.settle()
    after = pair.client.session
    return [before.has_ticket, after.has_ticket, before == after, pair.server.session.has_ticket, after.id == pair.client.session.id]


@observing("a session of another server")
def _():
    client = client_context(**TLS12)
    session = Memory(client).handshake().client.session
    pair = Memory(client, session=session).handshake()
    return [pair.client.session_reused, pair.client.session == session]


@observing("the session setter")
def _():
    client, server = client_context(**TLS12), server_context()
    session = Memory(client, server).handshake().client.session
    pair = Memory(client, server)
    pair.client.session = session
    kept = pair.client.session == session
    pair.handshake()
    return [kept, pair.client.session_reused]


def set_session(value, side="client", done=False):
    pair = Memory(client_context(**TLS12))
    if done:
        pair.handshake()
    setattr(getattr(pair, side), "session", value(pair) if callable(value) else value)


def fresh_session(pair):
    return Memory(pair.client.context).handshake().client.session


observe("set to None", lambda: set_session(None))
observe("set to a number", lambda: set_session(5))
observe("set on the server's side", lambda: set_session(fresh_session, "server"))
observe("set after the handshake", lambda: set_session(fresh_session, done=True))
observe("set to one of another context", lambda: set_session(lambda pair: Memory(client_context(**TLS12)).handshake().client.session))
observe("deleted", lambda: delattr(Memory().client, "session"))
observe("session_reused can't be set", lambda: setattr(Memory().client, "session_reused", True))
observe("a session for the server's side", lambda: server_context().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_side=True, session=Memory().handshake().client.session))
observe("no session for wrap_bio", lambda: Memory(session="x"))


@observing("attributes of a session")
def _():
    session = Memory(client_context(**TLS12)).handshake().client.session
    names = ("id", "time", "timeout", "ticket_lifetime_hint", "has_ticket")
    return [[name, type(getattr(session, name)).__name__, raised(setattr, session, name, 1)] for name in names]


@observing("sessions compared and hashed")
def _():
    pair = Memory(client_context(**TLS12)).handshake()
    one, same, other = pair.client.session, pair.client.session, Memory(client_context(**TLS12)).handshake().client.session
    return [one is same, one == same, one == other, one != other, one == 1, one != None, raised(hash, one) == raised(hash, same), repr(one)[:29]]


@observing("a session outlives its connection and its context")
def _():
    pair = Memory(client_context(**TLS12)).handshake()
    session, context = pair.client.session, pair.client.context
    del pair
    return [session.has_ticket, len(session.id), Memory(context, session=session).handshake().client.version()]


@observing("an expired version: a TLS 1.2 session where only 1.3 is allowed")
def _():
    client, server = client_context(), server_context(**TLS12)
    session = Memory(client, server).handshake().client.session
    client.minimum_version = ssl.TLSVersion.TLSv1_3
    pair = Memory(client, session=session)
    return [raised(pair.client.do_handshake), raised(pair.server.do_handshake), raised(pair.client.do_handshake), pair.client.version()]
