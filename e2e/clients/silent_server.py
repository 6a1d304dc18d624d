"""A server that says nothing for longer than the client is ready to wait."""

import os
import ssl

import pymysql

connection = pymysql.connect(
    user="python",
    password=os.environ["PASSWORD"],
    host=os.environ["SERVER"],
    port=int(os.environ["PORT"]),
    ssl=ssl.create_default_context(),
    read_timeout=1,
)
connection.cursor().execute("SELECT SLEEP(600)")
