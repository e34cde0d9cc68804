/** Where Firefox is, and what turns WebGPU on in it: it is off by default on Linux. */
export const FIREFOX = "/usr/bin/firefox-esr";
export const FIREFOX_WEBGPU = { "dom.webgpu.enabled": true, "gfx.webgpu.ignore-blocklist": true };
