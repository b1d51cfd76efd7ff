const RESERVED = new Set(
  `arguments await break case catch class const continue debugger default delete do else enum eval export extends false
   finally for function if implements import in instanceof interface let new null package private protected public
   return static super switch this throw true try typeof undefined NaN Infinity var void while with yield
   __proto__ constructor hasOwnProperty isPrototypeOf propertyIsEnumerable toLocaleString toString valueOf
   __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__`.split(/\s+/),
);

/** Whether a cell may be called this: a JavaScript identifier of at most 200 characters that means nothing else. */
export function isCellName(name: string): boolean {
  return name.length <= 200 && /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(name) && !RESERVED.has(name);
}

/** Whether an `id=` can be taken as it is. Names of `Object.prototype` are not: ids are keys of plain records. */
export function isCellId(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,64}$/.test(id) && !RESERVED.has(id);
}
