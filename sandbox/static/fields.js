// What a person has typed or chosen in fields that are drawn from blocks.

/** Collects the fields of one drawing; give its `list` to renderBlocks as `fields`. */
export class Fields {
  list = [];
  #initial = [];

  /** Call once the blocks are drawn: remembers what each field held at first. */
  settle() {
    this.#initial = this.list.map((field) => JSON.stringify(field.read()));
  }

  /** The values in the shape of a view's state: {block_id: {action_id: {type, …}}}. */
  values() {
    return this.#gather(() => true);
  }

  /** Only what was changed by the person, to be drawn again when the app redraws the view. */
  touched(before = {}) {
    const now = this.#gather((field, index) => {
      const kept = before[field.block.block_id]?.[field.element.action_id];
      return kept !== undefined || JSON.stringify(field.read()) !== this.#initial[index];
    });
    return Object.keys(now).length ? now : undefined;
  }

  /** Checks required fields and shapes, shows what is wrong, and returns the first field that is, or null. */
  firstProblem() {
    let first = null;
    for (const field of this.list) {
      if (!field.showError) continue;
      const problem = field.required && field.empty() ? "Fill in this field." : field.problem();
      field.showError(problem);
      first ??= problem ? field : null;
    }
    return first;
  }

  /** Shows the app's own errors by block id; returns the first field that has one, or null. */
  showErrors(errors) {
    let first = null;
    for (const field of this.list) {
      if (!field.showError) continue;
      const message = errors?.[field.block.block_id] ?? null;
      field.showError(message);
      first ??= message ? field : null;
    }
    return first;
  }

  #gather(wanted) {
    const out = {};
    this.list.forEach((field, index) => {
      const { block_id: blockId } = field.block;
      const { action_id: actionId, type } = field.element;
      if (wanted(field, index)) (out[blockId] ??= {})[actionId] = { type, ...field.read() };
    });
    return out;
  }
}
