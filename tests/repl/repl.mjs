// SPDX-License-Identifier: MIT
// A real MicroPython REPL on standard input and output, as the application on the simulated board.
//
// The engine, its parser, its REPL and its messages are MicroPython's own, release 1.27.0. Three things
// are this bridge's, because on a microcontroller they belong to the port around the engine:
//   - what follows a soft reset: the ESP8266 says "MPY: soft reboot", keeps the raw REPL if that is
//     where it was, and prints no empty line before the banner;
//   - the release in the banner: LASTGOOD_SIM_FIRMWARE ("v1.8.7 on 2017-01-08"), if set, so that the
//     board says what is flashed. Only the banner's words follow it: sys.version, sys.implementation
//     and the machine's name stay the engine's;
//   - raw-paste is answered as releases before 1.14 did, by the raw REPL's greeting: the engine would
//     wait for its input in a place where this port can not give it any, for ever.
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript";

const CTRL_A = 1;
const CTRL_B = 2;
const CTRL_C = 3;
const CTRL_D = 4;
const CTRL_E = 5;
const LETTER_A = 65;
const HEAP_BYTES = 1024 * 1024;
const RELEASE_IN_BANNER = /MicroPython v[^;\r\n]*(?=; [^\r\n]*\r\nType "help)/;

const firmware = process.env.LASTGOOD_SIM_FIRMWARE;
let chunks = [];
let raw = false;
let line = []; // in the raw REPL, as far as it matters for raw-paste
let engine = await start();

// Octets that the engine printed since the last call.
function takeOutput() {
    const output = Buffer.concat(chunks);
    chunks = [];
    return output;
}

function withFlashedRelease(output) {
    if (!firmware) return output;
    const text = output.toString("latin1");
    return Buffer.from(text.replace(RELEASE_IN_BANNER, () => `MicroPython ${firmware}`), "latin1");
}

async function start() {
    const print = (octets) => chunks.push(Buffer.from(octets));
    const fresh = await loadMicroPython({
        heapsize: HEAP_BYTES,
        linebuffer: false,
        stdout: print,
        stderr: print,
    });
    fresh.replInit();
    return fresh;
}

async function softReset() {
    process.stdout.write("MPY: soft reboot\r\n");
    engine = await start();
    const greeting = takeOutput().subarray(2); // without the line end in front
    if (!raw) return process.stdout.write(withFlashedRelease(greeting));
    engine.replProcessChar(CTRL_A);
    process.stdout.write(takeOutput().subarray(2));
}

function asksForRawPaste(octet) {
    const asks = raw && octet === CTRL_A && line.length === 2 && line[0] === CTRL_E && line[1] === LETTER_A;
    if (octet >= CTRL_A && octet <= CTRL_D) line = [];
    else if (line.length < 3) line.push(octet);
    return asks;
}

async function receive(octet) {
    if (asksForRawPaste(octet)) engine.replProcessChar(CTRL_C); // forgets the line
    const ended = engine.replProcessChar(octet);
    const output = takeOutput();
    process.stdout.write(octet === CTRL_B ? withFlashedRelease(output) : output);
    if (octet === CTRL_A && output.toString("latin1").endsWith("raw REPL; CTRL-B to exit\r\n>")) raw = true;
    if (octet === CTRL_B && output.length > 0) raw = false;
    if (ended) await softReset();
}

process.stdout.write(withFlashedRelease(takeOutput()));
if (process.stdin.isTTY) process.stdin.setRawMode(true);
for await (const octets of process.stdin) {
    for (const octet of octets) await receive(octet);
}
