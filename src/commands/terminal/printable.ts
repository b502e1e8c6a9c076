import stringWidth from 'string-width';

/**
 * Text from outside made safe for one line of a terminal: control characters (colours, cursor movement, line
 * breaks) and marks that reverse the direction of writing become visible escapes.
 */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}|[\u202a-\u202e\u2066-\u2069]/gu, (character) => {
    const known: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
    return known[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Cuts a text to a width in character cells; `…` marks the cut. Wide characters count as two cells. */
export function clip(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of new Intl.Segmenter('en').segment(text)) {
    const cells = stringWidth(segment);
    if (used + cells > width - 1) break;
    kept += segment;
    used += cells;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** Breaks text at spaces so that no line is wider than `width`, except for words that are wider themselves. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}
