"""FastAPI by uvicorn, on uvloop with httptools: server.py threads|processes. Says its port, and ends with its input."""
import asyncio
import json
import os
import socket
import sys
import threading
from concurrent.futures import ProcessPoolExecutor

import uvicorn
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

import work


def with_threads(app):
    """Routes that are no coroutines: FastAPI runs them on its threads, here as many as the others have for sleeping."""

    @app.on_event("startup")
    async def limit():
        current_default_thread_limiter().total_tokens = work.SETTINGS["sleepers"]

    @app.get("/cpu/{x}")
    def cpu(x: str):
        return {"value": work.cpu(x)}

    @app.get("/sleep/{x}")
    def sleep(x: str):
        return {"value": work.sleep(x)}

    @app.get("/add/{x}")
    def add(x: str):
        return {"value": work.add(x)}


def with_processes(app):
    pool = ProcessPoolExecutor(work.SETTINGS["size"])

    @app.get("/cpu/{x}")
    async def cpu(x: str):
        return {"value": await asyncio.get_running_loop().run_in_executor(pool, work.cpu, x)}

    @app.get("/add/{x}")
    async def add(x: str):
        return {"value": await asyncio.get_running_loop().run_in_executor(pool, work.add, x)}


def end_with_input():
    """By the descriptor: whoever is forked while another thread holds sys.stdin waits for it for ever."""
    while os.read(0, 1):
        pass
    os._exit(0)


def main():
    app = FastAPI()

    @app.get("/ping")
    async def ping():
        return {"pong": True}

    {"threads": with_threads, "processes": with_processes}[sys.argv[1]](app)
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(json.dumps({"port": listening.getsockname()[1]}), flush=True)
    threading.Thread(target=end_with_input, daemon=True).start()
    config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="warning", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
