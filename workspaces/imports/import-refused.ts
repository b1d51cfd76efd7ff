/** An import, a rehearsal or a withdrawal that cannot be done as asked; the message is a sentence for who asked. Nothing was kept. */
export class ImportRefused extends Error {
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.name = "ImportRefused";
  }
}
