// Where the websocket is, beside the page, whatever path a proxy gives it; and who has the focus.
document.addEventListener("DOMContentLoaded", () => {
  const terminal = document.getElementById("terminal");
  const button = document.querySelector("#ended button");
  const socket = new URL("ws", location.href);
  socket.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  terminal.dataset.sessionWebsocketUrl = socket.href;
  const focus = () => {
    if (document.body.classList.contains("-closed")) button.focus();
    else terminal.querySelector("textarea")?.focus();
  };
  const watch = new MutationObserver(focus);
  watch.observe(terminal, { attributeFilter: ["class"] });
  watch.observe(document.body, { attributeFilter: ["class"] });
  addEventListener("focus", focus);
  button.addEventListener("click", () => location.reload());
});
