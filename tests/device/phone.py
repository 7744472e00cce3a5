"""A phone's browser: phone.py HOST:PORT CODE CONTROL VALUE pairs with the panel, moves a control.

Prints what HTTP said on the way, a status each, then the panel's answer. Runs inside the system
under test, with the appliance's own interpreter.
"""

import asyncio
import json
import sys

import aiohttp

SECONDS = 30


async def main(address, code, control, value):
    page = f"http://{address}"
    own = {"Origin": page}
    jar = aiohttp.CookieJar(unsafe=True)  # the host is a number
    async with aiohttp.ClientSession(page, cookie_jar=jar) as browser:
        for request in (
            browser.get("/", allow_redirects=False),
            browser.get("/pair"),
            browser.post("/pair", data="AAAA-AAAA", headers=own),
            browser.post("/pair", data=code, headers=own),
            browser.get("/"),
        ):
            async with request as response:
                print(response.status, end=" ")
        async with browser.ws_connect("/events", headers=own) as line:
            await line.send_json({"id": 1, "set": {control: json.loads(value)}})
            async for message in line:
                told = json.loads(message.data)
                if told.get("answer") == 1:
                    print(told.get("refused", "moved"))
                    return


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), SECONDS))
