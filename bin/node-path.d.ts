/** The packaged Node's executable, or this one where it is new enough; throws a sentence otherwise. */
export function nodePath(): string;
