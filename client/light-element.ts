import { LitElement } from "lit";

/** An element without a shadow: one style sheet serves all pages, and labels reach across elements. */
export class LightElement extends LitElement {
  protected override createRenderRoot(): HTMLElement {
    return this;
  }
}
