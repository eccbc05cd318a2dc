// Keeps what is unfinished in the browser's tab, and gives it back after a reload.

/* `sessions` tells a page that was loaded anew, or whose server was, from one that is only drawn again. */
export default function ({ data, setStateValue }) {
  const place = "digit-studio:" + data.name;
  const sessions = (window.digitStudioSessions ??= {});
  try {
    if (sessions[data.name] !== data.session) {
      sessions[data.name] = data.session;
      const saved = JSON.parse(sessionStorage.getItem(place) ?? "{}");
      const isOurs = data.about === null || saved.about === data.about;
      if (saved.content && isOurs && saved.content !== data.content) {
        setStateValue("saved", saved.content);
        return;
      }
    }
    if (data.about === null) return;
    if (data.content) sessionStorage.setItem(place, JSON.stringify({ about: data.about, content: data.content }));
    else sessionStorage.removeItem(place);
  } catch (error) {
    console.debug("nothing can be kept in this tab", error);
  }
}
