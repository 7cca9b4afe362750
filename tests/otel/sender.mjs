// An application that tells of its accesses with the OpenTelemetry SDK, as spans and as log records, while the server
// that takes them may come and go.
//
//   node sender.mjs URL TOKEN CERTIFICATE proto|json COUNT SECONDS
//
// Prints {"spans": [...], "logs": [...], "apart": [...]}: the trace and span ids of the accesses, as they were made; of
// those apart the span tells of whom, and the log record by whom.
import { readFileSync } from "node:fs";
import { Agent } from "node:https";

import { trace, ROOT_CONTEXT } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

const [url, token, certificate, form, count, seconds] = process.argv.slice(2);
const { OTLPTraceExporter } = await import(`@opentelemetry/exporter-trace-otlp-${form === "json" ? "http" : "proto"}`);
const { OTLPLogExporter } = await import(`@opentelemetry/exporter-logs-otlp-${form === "json" ? "http" : "proto"}`);

const exporting = (path) => ({
  url: `${url}${path}`,
  headers: { authorization: `Bearer ${token}` },
  compression: "gzip",
  timeoutMillis: 30_000,
  httpAgentOptions: { ca: readFileSync(certificate), keepAlive: true },
});
// The queues hold all that is made while the server is away.
const batching = { maxQueueSize: 100_000, maxExportBatchSize: 200, scheduledDelayMillis: 100, exportTimeoutMillis: 60_000 };
const resource = resourceFromAttributes({ "service.name": "inning" });
const spans = new BasicTracerProvider({
  resource,
  spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter(exporting("/v1/traces")), batching)],
});
const logs = new LoggerProvider({
  resource,
  processors: [new BatchLogRecordProcessor({ exporter: new OTLPLogExporter(exporting("/v1/logs")), ...batching })],
});
const tracer = spans.getTracer("inning");
const logger = logs.getLogger("inning");

const user = (number) => ({ "enduser.id": `u${number % 7}` });
const line = (number) => ({
  "dpl.core.data_subject_id": number % 2 ? "123456782" : "111222333",
  "dpl.core.data_subject_id_type": "BSN",
  "dpl.core.processing_activity_id": "https://register.example/verwerkingen/inning",
});
const access = (number) => ({ ...user(number), ...line(number) });
const made = { spans: [], logs: [], apart: [] };
for (let number = 0; number < Number(count); ++number) {
  const span = tracer.startSpan("tonen dossier", { attributes: access(number) }, ROOT_CONTEXT);
  span.end();
  made.spans.push(`${span.spanContext().traceId}-${span.spanContext().spanId}`);
  // This one tells nothing itself: its log record does.
  const technical = tracer.startSpan("zoeken", {}, ROOT_CONTEXT);
  logger.emit({ attributes: access(number), body: "zoeken", context: trace.setSpan(ROOT_CONTEXT, technical) });
  technical.end();
  made.logs.push(`${technical.spanContext().traceId}-${technical.spanContext().spanId}`);
  // Whose data and who, apart: the two exporters send them in different requests.
  const half = tracer.startSpan("tonen adres", { attributes: line(number) }, ROOT_CONTEXT);
  logger.emit({ attributes: user(number), context: trace.setSpan(ROOT_CONTEXT, half) });
  half.end();
  made.apart.push(`${half.spanContext().traceId}-${half.spanContext().spanId}`);
  await new Promise((resolve) => setTimeout(resolve, (Number(seconds) * 1000) / Number(count)));
}
await spans.shutdown();
await logs.shutdown();
console.log(JSON.stringify(made));
