/**
 * Page of one run in Temporal UI that shows its current details: what a person should do now. The workflow's page opens
 * on the timeline instead, and shows them nowhere.
 *
 * @param temporalUi `https://host/namespaces/name`, as the settings have it
 */
export function runLink(temporalUi: string, run: { workflowId: string; runId: string }): string {
  const [id, runId] = [run.workflowId, run.runId].map(encodeURIComponent);
  return `${temporalUi.replace(/\/+$/, '')}/workflows/${id}/${runId}/user-metadata`;
}
