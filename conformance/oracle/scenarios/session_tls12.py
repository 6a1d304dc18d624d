"""Sessions of TLS 1.2."""
import ssl

from observe import connected, get, observe, observing, trusting_context


def context12():
    context = trusting_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


@observing("a session is used again")
def _():
    context = context12()
    with connected("good", context) as tls:
        session = tls.session
        first = [tls.session_reused, session.has_ticket, session.ticket_lifetime_hint > 0, session.timeout, len(session.id) in (0, 32), session.time > 1_500_000_000]
    with connected("good", context, session=session) as tls:
        return [first, tls.session_reused, tls.session == session, tls.version(), tls.getpeercert()["subject"]]


@observing("the server keeps no sessions")
def _():
    context = context12()
    with connected("no-tickets", context) as tls:
        session = tls.session
    with connected("no-tickets", context, session=session) as tls:
        return [session.has_ticket, tls.session_reused]


@observing("a session of another context")
def _():
    with connected("good", context12()) as tls:
        session = tls.session
    with connected("good", context12(), session=session):
        pass


@observing("a session set after the handshake")
def _():
    context = context12()
    with connected("good", context) as tls:
        tls.session = tls.session


@observing("what is no session")
def _():
    with connected("good", context12(), session=5):
        pass


@observing("sessions compared")
def _():
    context = context12()
    with connected("good", context) as one, connected("good", context) as two:
        return [one.session == one.session, one.session == two.session, one.session != two.session, one.session == 5, type(one.session).__name__]


@observing("ordering sessions")
def _():
    with connected("good", context12()) as tls:
        return tls.session < tls.session


@observing("made directly")
def _():
    ssl.SSLSession()


@observing("before the handshake")
def _():
    tls = context12().wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
    return [tls.session, tls.session_reused]
