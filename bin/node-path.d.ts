/** The packaged Node's executable, or this one where it is new enough; throws a sentence otherwise. */
export function nodePath(): string;
/** What the program's environment needs beside the user's: where a checkout keeps its compiled code. */
export function codeCacheEnvironment(): { readonly NODE_COMPILE_CACHE?: string };
