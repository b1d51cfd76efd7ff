/** Runs tasks one after another; a failure goes to whoever asked for that task and does not stop the lane. */
export class WorkLane {
  private last: Promise<unknown> = Promise.resolve();
  private waitingCount = 0;

  get isIdle(): boolean {
    return this.waitingCount === 0;
  }

  run<T>(task: () => Promise<T>): Promise<T> {
    this.waitingCount++;
    const result = this.last.then(task);
    this.last = result.then(
      () => this.waitingCount--,
      () => this.waitingCount--,
    );
    return result;
  }

  /** Resolves when everything asked for so far has ended. */
  async settled(): Promise<void> {
    await this.last;
  }
}
