"""Sessions of TLS 1.3: the tickets come after the handshake, with the first bytes."""
from observe import connected, get, observe, observing, trusting_context


@observing("a session is used again")
def _():
    context = trusting_context()
    with connected("tls-1.3", context) as tls:
        get(tls)
        session = tls.session
        first = [tls.session_reused, session.has_ticket, session.timeout > 0, session.ticket_lifetime_hint > 0]
    with connected("tls-1.3", context, session=session) as tls:
        status = get(tls)[0]
        return [first, tls.session_reused, tls.version(), status, tls.getpeercert()["subject"]]


@observing("the server says that it was resumed")
def _():
    import json

    context = trusting_context()
    with connected("tls-1.3", context) as tls:
        before = json.loads(get(tls, "/tls")[1])["reused"]
        session = tls.session
    with connected("tls-1.3", context, session=session) as tls:
        return [before, json.loads(get(tls, "/tls")[1])["reused"]]
