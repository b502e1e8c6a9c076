const SPACE = 32;
const DELETE = 127;

/** Nothing but white space. Nearly every text begins with a visible ASCII character, which settles it. */
export function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  return !(first > SPACE && first < DELETE) && text.trim() === '';
}
