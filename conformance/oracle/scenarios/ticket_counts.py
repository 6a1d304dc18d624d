"""`num_tickets`: what it takes, and how many tickets a client gets."""
import ssl

from ends import Memory, client_context, raised, server_context
from observe import observe, observing

for value in (0, 1, 2, 5, -1, "1", None, 1.5, True, 1000):

    @observing(f"set to {value!r}")
    def _():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.num_tickets = value
        return context.num_tickets


@observing("of a client's context")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return [context.num_tickets, raised(setattr, context, "num_tickets", 1)]


observe("deleted", lambda: delattr(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), "num_tickets"))


def tickets(count, **client):
    """The NewSessionTicket messages that a client sees."""
    seen = []
    context = client_context(**client)
    context._msg_callback = lambda conn, direction, version, content, message, data: seen.append((direction, getattr(message, "name", message)))
    Memory(context, server_context(num_tickets=count)).handshake().settle()
    return [seen.count(("read", "NEWSESSION_TICKET")), seen.count(("write", "NEWSESSION_TICKET"))]


for count in (0, 1, 2, 3):
    observe(f"{count} sent in TLS 1.3", lambda: tickets(count))
observe("TLS 1.2 does not count", lambda: tickets(0, maximum_version=ssl.TLSVersion.TLSv1_2))


@observing("each session of TLS 1.3 is another one")
def _():
    client, server = client_context(), server_context(num_tickets=2)
    sessions = [Memory(client, server).handshake().settle().client.session for _ in range(2)]
    reused = [Memory(client, server, session=session).handshake().client.session_reused for session in sessions * 2]
    return [sessions[0] == sessions[1], reused]
