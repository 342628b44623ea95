// Every place that the matrix calls `run` from, by name. A source says:
//   title    what the table calls it (its name otherwise)
//   ready    once a cell: makes what the callback needs (may be async)
//   fire     arranges for `call(site)` to be called from exactly that kind of place; starts nothing before it returns
//   done     cleans up after the cell (may be async)
//   setup    once a process: something that all cells share; `end` closes it
//   enter    instead of `fire`, for places that exist once in a life: all cells run in the one frame
//   alive    something that the source needs keeps the loop alive, so that nothing can be known to never settle
//   has      what `site` can do: 'same' provokes the next piece on the same channel; `serial` in its answer says that
//            the channel itself holds the piece back until the callback has returned, so that only a timeout helps
//   threads  the kinds of thread that have such a place (both otherwise)
//   unless   the reason why this place is not there, for { major, env }, or null
import * as http from './sources/http.mjs';
import * as loop from './sources/loop.mjs';
import * as messages from './sources/messages.mjs';
import * as native from './sources/native.mjs';
import * as net from './sources/net.mjs';
import * as pool from './sources/pool.mjs';
import * as script from './sources/script.mjs';
import * as webSocket from './sources/websocket.mjs';

export const sources = { ...script, ...loop, ...pool, ...messages, ...net, ...http, ...webSocket, ...native };
