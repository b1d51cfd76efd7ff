import { html, nothing, type TemplateResult } from "lit";
import type { z } from "zod";
import type { auditList, keyList, settingsView, storageUse } from "../../cells/wire/http-settings.ts";
import { ask } from "../api.ts";
import { auditDetails } from "../audit-details.ts";
import { bytes, moment } from "../format.ts";
import { LoadingPage } from "./loading.ts";
import { sentence } from "./sentence.ts";
import "./destinations.ts";

interface Loaded {
  readonly settings: z.infer<typeof settingsView>;
  readonly keys: z.infer<typeof keyList>;
  readonly storage: z.infer<typeof storageUse>;
  readonly audit: z.infer<typeof auditList>;
}

/** Keys, storage and the audit log. */
class Settings extends LoadingPage<Loaded> {
  static override properties = { ...LoadingPage.properties, secret: { state: true } };
  declare secret: string | null;

  constructor() {
    super();
    this.secret = null;
  }

  protected async load(): Promise<Loaded> {
    const [settings, keys, storage, audit] = await Promise.all([
      ask<Loaded["settings"]>("/api/settings"),
      ask<Loaded["keys"]>("/api/keys"),
      ask<Loaded["storage"]>("/api/storage"),
      ask<Loaded["audit"]>("/api/audit"),
    ]);
    return { settings, keys, storage, audit };
  }

  protected show({ settings, keys, storage, audit }: Loaded): TemplateResult {
    const { zone } = settings;
    return html`<h1>Settings</h1>
      ${settings.problem === null ? nothing : html`<div class="notice fail"><p>driftbook.yaml is not right; what was in force at the start still is.</p><pre>${settings.problem}</pre></div>`}
      <section class="section"><header><h2>API keys</h2></header>
        ${this.secret === null ? nothing : html`<div class="notice"><p>This key is shown once. Copy it now.</p><pre class="code" style="user-select:all">${this.secret}</pre><button class="outlined" @click=${() => void navigator.clipboard.writeText(this.secret ?? "")}>Copy</button></div>`}
        <form @submit=${(event: SubmitEvent) => void this.#create(event)} style="display:flex;gap:8px;flex-wrap:wrap;align-items:end;margin:8px 0">
          <label class="small">Name<br /><input type="text" name="name" required placeholder="payments service" /></label>
          <label class="small">Scopes, separated by spaces<br /><input type="text" name="scopes" required placeholder="ingest:card_fraud read" size="32" /></label>
          <label class="small">Expires after days<br /><input type="number" name="days" min="1" max="3650" value="90" style="width:96px" /></label>
          <button class="primary">Create key</button>
        </form>
        ${
          keys.keys.length === 0
            ? html`<p class="empty">No keys yet. Programs that send or read need one.</p>`
            : html`<div class="scroll" tabindex="0" role="region" aria-label="Keys"><table class="rows"><thead><tr><th scope="col">Name</th><th scope="col">Scopes</th><th scope="col">Last used</th><th scope="col">Expires</th><th></th></tr></thead>
          <tbody>${keys.keys.map(
            (
              key,
            ) => html`<tr><td>${key.name} <span class="muted small mono">${key.id}</span></td><td class="mono">${key.scopes.join(" ")}</td><td class="muted">${key.lastUsedAt === null ? "never" : moment(key.lastUsedAt, zone)}</td><td class="muted">${key.expiresAt === null ? "never" : moment(key.expiresAt, zone)}</td>
            <td>${key.revokedAt === null ? html`<button class="danger" @click=${() => void this.#revoke(key.id, key.name)}>Revoke</button>` : html`<span class="muted">revoked</span>`}</td></tr>`,
          )}</tbody></table></div>`
        }
      </section>
      <db-destinations .zone=${zone}></db-destinations>
      <section class="section"><header><h2>Storage</h2></header><div class="scroll" tabindex="0" role="region" aria-label="Storage"><table class="rows"><tbody>
        ${storage.parts.map((part) => {
          const freeable = storage.freeable.find((one) => one.name === part.name);
          return html`<tr><td>${part.name}<div class="muted small">${part.about}</div></td><td class="right">${bytes(part.bytes)}</td>
            <td>${freeable === undefined ? nothing : html`<button class="outlined" title=${freeable.about} ?disabled=${freeable.bytes === 0} @click=${() => void this.#free(part.name)}>Free ${bytes(freeable.bytes)}</button>`}</td></tr>`;
        })}
        <tr><td class="muted">Free on the disk</td><td class="right">${bytes(storage.freeOnDisk)}</td><td></td></tr></tbody></table></div>
      </section>
      <section class="section"><header><h2>Audit log</h2></header><div class="scroll" tabindex="0" role="region" aria-label="Audit log"><table class="rows"><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">On</th><th scope="col">Details</th><th scope="col">From</th></tr></thead>
        <tbody>${audit.entries.map((entry) => html`<tr><td class="muted" title=${entry.at}>${moment(entry.at, zone)}</td><td class="mono">${entry.actor}</td><td>${entry.action}</td><td class="mono">${entry.target}</td><td class="j-reason">${changesView(entry.details)}${sentence(auditDetails(entry.details), zone)}</td><td class="muted mono">${entry.address}</td></tr>`)}</tbody></table></div>
      </section>
      <section class="section"><header><h2>driftbook.yaml</h2></header><pre class="code">${settings.text}</pre><p class="muted small">Zone ${settings.zone} · Driftbook ${settings.version} · Node ${settings.node}</p></section>`;
  }

  async #create(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const data = new FormData(form);
    const days = Number(data.get("days"));
    await this.attempt(async () => {
      const made = await ask<{ secret: string }>("/api/keys", {
        method: "POST",
        json: {
          name: String(data.get("name")),
          scopes: String(data.get("scopes"))
            .split(/[\s,]+/)
            .filter(Boolean),
          ...(days > 0 ? { expires: `${days}d` } : {}),
        },
      });
      this.secret = made.secret;
      form.reset();
      await this.refresh();
    });
  }

  async #revoke(id: string, name: string): Promise<void> {
    if (!confirm(`Revoke the key "${name}"? Programs that use it are refused at once.`)) return;
    await this.attempt(async () => {
      await ask(`/api/keys/${encodeURIComponent(id)}`, { method: "DELETE" });
      await this.refresh();
    });
  }

  async #free(name: string): Promise<void> {
    await this.attempt(async () => {
      await ask(`/api/storage/${encodeURIComponent(name)}`, { method: "DELETE" });
      await this.refresh();
    });
  }
}
customElements.define("db-settings", Settings);

/** What a promotion or a change of settings changed, old and new. */
function changesView(details: unknown): TemplateResult | typeof nothing {
  const changes = (details as { changes?: Readonly<Record<string, { from: unknown; to: unknown }>> } | null)?.changes;
  if (changes === undefined) return nothing;
  const words = (value: unknown): string =>
    value === null ? "none" : typeof value === "string" ? value : JSON.stringify(value);
  return html`${Object.entries(changes).map(([key, { from, to }]) => html`<div class="muted small">${key}: ${words(from)} → ${words(to)}</div>`)}`;
}
