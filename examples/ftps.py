"""FTP with explicit TLS: the control connection and each data connection are encrypted and checked."""

import ftplib
import io
import os
import ssl

content = os.urandom(2_000_000)

with ftplib.FTP_TLS(context=ssl.create_default_context()) as ftp:
    ftp.connect(os.environ["SERVER"], int(os.environ["PORT"]))
    ftp.login("python", os.environ["PASSWORD"])  # changes to TLS before it says who we are
    ftp.prot_p()  # the data connections too

    ftp.storbinary("STOR upload.bin", io.BytesIO(content))
    for name, facts in ftp.mlsd(facts=["size", "type"]):
        if facts["type"] == "file":
            print(name, facts["size"], "bytes")

    received = io.BytesIO()
    ftp.retrbinary("RETR upload.bin", received.write)
    print("received what was sent:", received.getvalue() == content)
    ftp.delete("upload.bin")
