// preact, hooks, signals and htm, as all modules of the page use them. Values in templates
// become text nodes and attributes: the page never parses data as HTML.
import { h, render } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { batch, computed, effect, signal } from "@preact/signals";
import htm from "htm";

export const html = htm.bind(h);
export { render, useEffect, useLayoutEffect, useMemo, useRef, useState, batch, computed, effect, signal };
