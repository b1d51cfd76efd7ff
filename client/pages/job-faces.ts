/** What the page of a job shows below its head; the address says which. */
export const JOB_FACES = ["runs", "ticks", "versions", "settings"] as const;
export type JobFace = (typeof JOB_FACES)[number];
