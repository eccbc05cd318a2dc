// Writes a part of the address; Streamlit's own way adds an entry to the history at each change.

export default function ({ data }) {
  const address = new URL(window.location);
  if ((address.searchParams.get(data.name) ?? "") === data.value) return;
  if (data.value) address.searchParams.set(data.name, data.value);
  else address.searchParams.delete(data.name);
  window.history.replaceState(window.history.state, "", address);
}
