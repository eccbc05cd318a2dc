// A picture that is pasted anywhere on the page goes into the chooser of files, which is opened where it is closed.

const WAIT = 50, TRIES = 100;

export default function ({ data }) {
  const chooser = () => document.querySelector(`.st-key-${data.page}_upload input[type=file]`);
  const canType = (element) => element?.closest?.("input:not([type=file]), textarea, [contenteditable=true]");

  const give = (file, tries) => {
    const input = chooser();
    if (!input) {
      if (tries) setTimeout(give, WAIT, file, tries - 1);
      return;
    }
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const paste = (event) => {
    const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith("image/"));
    if (!file || canType(event.target)) return;
    event.preventDefault();
    if (!chooser()) document.querySelector(`.st-key-${data.page}_picture_menu button`)?.click();
    give(file, TRIES);
  };

  document.addEventListener("paste", paste);
  return () => document.removeEventListener("paste", paste);
}
