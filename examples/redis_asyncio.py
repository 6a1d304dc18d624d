"""Redis with asyncio: fifty tasks that share a pool of TLS connections."""

import asyncio
import os

import redis.asyncio


async def main():
    cache = redis.asyncio.Redis(
        host=os.environ["SERVER"],
        port=int(os.environ["PORT"]),
        password=os.environ["PASSWORD"],
        ssl=True,  # checks the certificate and the name
        decode_responses=True,
        max_connections=50,
    )
    async with cache:
        await cache.set("visits", 0)
        await asyncio.gather(*(cache.incr("visits") for _ in range(50)))
        print(await cache.get("visits"), "visits")

        async with cache.pubsub(ignore_subscribe_messages=True) as channel:
            await channel.subscribe("news")
            await channel.get_message(timeout=10)  # the server's word that we are subscribed
            print(await cache.publish("news", "it works"), "subscriber")
            print((await channel.get_message(timeout=10))["data"])


asyncio.run(main())
