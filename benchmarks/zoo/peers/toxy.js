// Toxy between the service and its providers. Arguments: where its packages are, then LISTEN:TARGET ports.
// Until SIGUSR2 everything passes. From then on every second request meets the next trouble of the list.
const toxy = require(require("node:path").join(process.argv[2], "toxy"));

const SLOW_MS = 3000;
const troubles = [
  toxy.poisons.inject({ code: 503, body: "{}", headers: { "content-type": "application/json" } }),
  toxy.poisons.latency({ jitter: SLOW_MS }),
  toxy.poisons.abort(1),
  toxy.poisons.inject({ code: 429, body: "{}", headers: { "content-type": "application/json", "retry-after": "1" } }),
  toxy.poisons.inject({ code: 200, body: "{}", headers: { "content-type": "application/json" } }),
];

let on = false;
let count = 0;
process.on("SIGUSR2", () => (on = true));

for (const ports of process.argv.slice(3)) {
  const [listen, target] = ports.split(":");
  const proxy = toxy();
  proxy.poison((request, response, next) => {
    if (!on || count++ % 2 === 0) return next();
    troubles[Math.floor(count / 2 - 1) % troubles.length](request, response, next);
  });
  proxy.forward(`http://127.0.0.1:${target}`);
  proxy.all("/*");
  proxy.listen(Number(listen), "127.0.0.1");
}
