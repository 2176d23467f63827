/** Reads `text/event-stream` (HTML standard, section 9.2.6): names and data of events; ids and times to wait are not for us. */

/**
 * @param limit characters that are held of one event that is not complete yet
 * @param onEvent told of each event with data; one without a name has the name ""
 * @param onTooLarge throws
 * @returns takes the text as it comes, in any pieces
 */
export function createEventParser(
  limit: number,
  onEvent: (name: string, data: string) => void,
  onTooLarge: () => never,
): (chunk: string) => void {
  let line = "";
  let name = "";
  let data: string | null = null;
  let endsWithCr = false;

  function endLine(): void {
    if (line === "") {
      if (data !== null) onEvent(name, data);
      name = "";
      data = null;
      return;
    }
    const [field] = line.split(":", 1);
    const value = line.slice(field!.length + 1).replace(/^ /, "");
    if (field === "event") name = value;
    if (field === "data") data = data === null ? value : `${data}\n${value}`;
  }

  return (chunk) => {
    // the second half of a line's end
    const text = endsWithCr && chunk.startsWith("\n") ? chunk.slice(1) : chunk;
    if (chunk !== "") endsWithCr = text.endsWith("\r");
    // only what is new is searched: a long line may come byte by byte
    const [first, ...others] = text.split(/\r\n?|\n/);
    line += first;
    for (const next of others) {
      endLine();
      line = next;
    }
    if (line.length + (data?.length ?? 0) > limit) onTooLarge();
  };
}
