"""ftplib against a server that wants the control connection's session in each data connection, which ftplib does not offer."""

import ftplib
import io
import os
import re
import ssl


class ReusingFTP(ftplib.FTP_TLS):
    """FTP_TLS whose data connections resume the session of the control connection."""

    def ntransfercmd(self, cmd, rest=None):
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        if self._prot_p:
            session = self.sock.session
            connection = self.context.wrap_socket(connection, server_hostname=self.host, session=session)
        return connection, size


def transfer(client):
    ftp = client(context=ssl.create_default_context())
    ftp.connect(os.environ["SERVER"], int(os.environ["PORT"]))
    ftp.login("python", os.environ["PASSWORD"])
    ftp.prot_p()
    try:
        ftp.storbinary("STOR reused.bin", io.BytesIO(b"x" * 100_000))
        received = io.BytesIO()
        ftp.retrbinary("RETR reused.bin", received.write)
        return len(received.getvalue())
    except (ftplib.Error, OSError) as error:
        return f"{type(error).__name__}: {re.sub(r'_ssl.c:[0-9]+', '_ssl.c', str(error))}"
    finally:
        ftp.close()


print("FTP_TLS:", transfer(ftplib.FTP_TLS))
print("with the session of the control connection:", transfer(ReusingFTP))
