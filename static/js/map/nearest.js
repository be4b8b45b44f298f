// The cameras nearest to the incident that the map looks at. Which they are the server says; asked once a subject.

/** More lines than these lead the eye nowhere. */
const MOST = 4;

export class Nearest {
  #ask;
  #told;
  #subject = "";
  #cameras = [];

  /** `ask(id)` → promise of {cameras: [{id, name, m}]}; `told()` is called when an answer has come. */
  constructor(ask, told) {
    this.#ask = ask;
    this.#told = told;
  }

  /** Cameras [{id, name, m}] of a subject "kind:id", nearest first; none until they are known. */
  of(subject) {
    if (subject === this.#subject) return this.#cameras;
    this.#subject = subject;
    this.#cameras = [];
    if (subject.startsWith("incident:")) this.#fetch(subject);
    return this.#cameras;
  }

  async #fetch(subject) {
    try {
      const { cameras } = await this.#ask(subject.slice("incident:".length));
      if (subject !== this.#subject) return;
      this.#cameras = cameras.slice(0, MOST);
      this.#told();
    } catch (fault) {
      // Lines to cameras are a help; without them the map stands as it is.
      console.warn("no nearest cameras:", fault);
    }
  }
}
