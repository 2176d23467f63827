// In the pages that the manifest names (here: those served from this machine), answers what they ask:
//
//   window.postMessage({ sidelight: "state" }, location.origin);  // what is known, at once; "sync": after one more pass
//   window.addEventListener("message", ({ data }) => data.sidelightState && show(data.sidelightState));
//
// A page gets what anyone may know, and can make the background ask for no more than a pass does (docs/requests.md).

window.addEventListener("message", async ({ source, data }) => {
  if (source !== window || !["state", "sync"].includes(data?.sidelight)) return;
  const state = await chrome.runtime.sendMessage({ type: data.sidelight });
  window.postMessage({ sidelightState: state }, location.origin);
});
